//! `run`: one process tree with the hook, without writing anything.
//!
//! A folder of the package goes to the front of PYTHONPATH; its `sitecustomize` activates and then
//! runs the one that Python would have found. The mode is the folder's name: no variable carries it,
//! and of two modes in one tree the stricter one wins.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::world::{Environment, World};
use super::{Exit, Failure, Mode, Outcome};

/// Run a program, and every Python that it starts, with the hook
///
/// PROGRAM is a Python script, interpreter options such as `-m MODULE` or `-c CODE`, or any executable. Its exit status
/// and signals are its own.
#[derive(Args)]
pub struct Arguments {
    /// What happens to an import that does not fit
    #[arg(long, value_enum, default_value = "enforce")]
    mode: Mode,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let environment = world.interpreter.environment().map_err(Failure::Unusable)?;
    let folder = environment.package.join("_site").join(arguments.mode.as_str());
    if !folder.join("sitecustomize.py").is_file() {
        return Err(Failure::Unusable(format!("{} is missing: install the package anew", folder.display())));
    }
    let line = command_line(&arguments.program, &environment);
    let Some((program, rest)) = line.split_first() else {
        return Err(Failure::Unusable("no program to run".to_owned()));
    };
    if let Some(option) = is_python(program).then(|| option_against_us(rest)).flatten() {
        return Err(Failure::Unusable(format!(
            "Python ignores PYTHONPATH under -{option}, so this process would not be governed: leave -{option} out, or \
             use `enable`"
        )));
    }
    let path = std::env::var_os("PYTHONPATH").unwrap_or_default();
    let mut folders = vec![folder.clone()];
    // An empty entry is the working folder; an empty variable is none.
    folders.extend(std::env::split_paths(&path).filter(|_| !path.is_empty()).filter(|entry| *entry != folder));
    let path = std::env::join_paths(folders)
        .map_err(|_| Failure::Unusable(format!("{} can't stand in PYTHONPATH", folder.display())))?;
    let mut command = Command::new(program);
    command.args(rest).env("PYTHONPATH", path);
    world.out.flush()?;
    world.err.flush()?;
    replace(command).map_err(|error| Failure::Unusable(format!("can't run {}: {error}", Path::new(program).display())))
}

/// In our place: signals and the exit status need no passing on.
#[cfg(unix)]
fn replace(mut command: Command) -> std::io::Result<Exit> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace(mut command: Command) -> std::io::Result<Exit> {
    command.status().map(|status| Exit::Passed(status.code().unwrap_or(1)))
}

/// The whole command: a script, a folder with a program, or interpreter options are for this Python.
fn command_line(program: &[OsString], environment: &Environment) -> Vec<OsString> {
    let first = program.first().map(OsString::as_os_str).unwrap_or_default();
    let path = PathBuf::from(first);
    let script = path.extension().and_then(OsStr::to_str).is_some_and(|it| matches!(it, "py" | "pyw" | "pyc" | "pyz"));
    let options = first.as_encoded_bytes().starts_with(b"-");
    let packed = path.join("__main__.py").is_file();
    let python = (options || script || packed).then(|| environment.executable.clone().into_os_string());
    python.into_iter().chain(program.iter().cloned()).collect()
}

fn is_python(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let rest = name.strip_suffix(".exe").unwrap_or(name).strip_prefix("python");
    rest.is_some_and(|version| version.chars().all(|it| it.is_ascii_digit() || it == '.' || it == 't'))
}

/// The first of Python's own options that turns PYTHONPATH or `sitecustomize` off.
fn option_against_us(arguments: &[OsString]) -> Option<char> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let letters = text.strip_prefix('-').filter(|rest| !rest.is_empty())?;
        if letters.starts_with('-') {
            // `--check-hash-based-pycs MODE` is the only long option with a value that lets others follow.
            if letters == "-check-hash-based-pycs" {
                arguments.next();
            }
            continue;
        }
        for (at, letter) in letters.char_indices() {
            match letter {
                'I' | 'E' | 'S' => return Some(letter),
                'c' | 'm' => return None,
                // The rest of the argument, or the next one, is its value.
                'W' | 'X' => {
                    if at + 1 == letters.len() {
                        arguments.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn against(line: &str) -> Option<char> {
        option_against_us(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn only_pythons_own_options_count() {
        assert_eq!(against("-I x.py"), Some('I'));
        assert_eq!(against("-uE x.py"), Some('E'));
        assert_eq!(against("-X dev -S"), Some('S'));
        assert_eq!(against("-Xdev -W error -BI"), Some('I'));
        assert_eq!(against("--check-hash-based-pycs always -I"), Some('I'));
        for harmless in ["x.py -I", "-c pass -I", "-mpip -E", "-W I x.py -S", "-u - -I", "-XI", "-P -s"] {
            assert_eq!(against(harmless), None, "{harmless}");
        }
    }

    #[test]
    fn what_is_for_this_python() {
        let environment = Environment { executable: "/py/python3".into(), ..Environment::default() };
        let line = |words: &str| {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            command_line(&words, &environment).join(OsStr::new(" ")).into_string().unwrap_or_default()
        };
        assert_eq!(line("x.py -m a"), "/py/python3 x.py -m a");
        assert_eq!(line("-m mod --mode x"), "/py/python3 -m mod --mode x");
        assert_eq!(line("python3 x.py"), "python3 x.py");
        assert_eq!(line("make test"), "make test");
    }

    #[test]
    fn pythons_are_known_by_name() {
        for name in ["python", "/usr/bin/python3", "python3.13t", "python3.exe"] {
            assert!(is_python(OsStr::new(name)), "{name}");
        }
        for name in ["pythonw-launcher", "pytest", "ipython"] {
            assert!(!is_python(OsStr::new(name)), "{name}");
        }
    }
}
