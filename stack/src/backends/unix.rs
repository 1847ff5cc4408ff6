#[cfg(any(target_os = "freebsd", target_os = "dragonfly", target_os = "illumos"))]
use libc::pthread_attr_get_np as get_attr;
#[cfg(any(target_os = "linux", target_os = "solaris", target_os = "netbsd", target_os = "haiku"))]
use libc::pthread_getattr_np as get_attr;

pub unsafe fn guess_os_stack_limit() -> Option<usize> {
    #[cfg(target_os = "linux")]
    if let Some(limit) = initial_stack_limit() {
        return Some(limit);
    }
    let mut attr = PthreadAttr::new()?;
    (get_attr(libc::pthread_self(), &mut attr.0) == 0).then_some(())?;
    let mut stackaddr = std::ptr::null_mut();
    let mut stacksize = 0;
    (libc::pthread_attr_getstack(&attr.0, &mut stackaddr, &mut stacksize) == 0).then_some(())?;
    Some(stackaddr as usize)
}

struct PthreadAttr(libc::pthread_attr_t);

impl Drop for PthreadAttr {
    fn drop(&mut self) {
        unsafe {
            let ret = libc::pthread_attr_destroy(&mut self.0);
            if ret != 0 {
                let err = std::io::Error::last_os_error();
                panic!(
                    "pthread_attr_destroy failed with error code {}: {}",
                    ret, err
                );
            }
        }
    }
}

impl PthreadAttr {
    unsafe fn new() -> Option<Self> {
        let mut attr = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
        if libc::pthread_attr_init(attr.as_mut_ptr()) != 0 {
            return None;
        }
        Some(PthreadAttr(attr.assume_init()))
    }
}

/// The lowest address that the initial stack may grow to, if that is what runs; never too low, but perhaps too high.
///
/// For the initial thread, `pthread_getattr_np` reads `/proc/self/maps`: 160 to 240 microseconds in a Python process.
/// What the kernel goes by is known without that: it lets the stack grow up to `RLIMIT_STACK` below its top, and the
/// last thing on that is the path of the program.
#[cfg(target_os = "linux")]
unsafe fn initial_stack_limit() -> Option<usize> {
    /// More is not believed in: the kernel keeps 128 MiB below the top free of other mappings, Valgrind 16.
    const LARGEST: usize = 8 << 20;
    /// How far the path begins below the top at most: `PATH_MAX`, and a page for good measure.
    const PATH: usize = 4096 + 64 * 1024;
    let path = libc::getauxval(libc::AT_EXECFN) as usize;
    let mut limit = std::mem::MaybeUninit::<libc::rlimit>::uninit();
    if path == 0 || libc::getrlimit(libc::RLIMIT_STACK, limit.as_mut_ptr()) != 0 {
        return None;
    }
    let size = usize::try_from(limit.assume_init().rlim_cur).unwrap_or(usize::MAX).min(LARGEST);
    let bottom = path.checked_sub(size)?.checked_add(PATH)?;
    // The stacks of other threads lie elsewhere, also where one of them has forked and is now the initial thread.
    (bottom..path).contains(&(psm::stack_pointer() as usize)).then_some(bottom)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_stacks_of_threads_are_not_the_initial_one() {
        let limit = std::thread::spawn(|| unsafe { initial_stack_limit() }).join();
        assert_eq!(limit.ok(), Some(None));
    }
}
