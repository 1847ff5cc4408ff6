//! What the core costs, stage by stage, on the plugin example: contract, source, comparison, report.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use importspy_hook::compare::{Scope, Subject, compare};
use importspy_hook::contract::loader::load;
use importspy_hook::observed::extract::{About, extract};
use importspy_hook::observed::model::Binding;
use importspy_hook::observed::platform::Platform;
use importspy_hook::observed::world::{Environment, Imported, Located, Phase, World};
use importspy_hook::report::text::{Style, render};
use importspy_hook::report::{Importer, Report, Source};

const CONTRACT: &str = include_str!("../examples/plugin_framework/framework/spymodel.yml");
const FITS: &str = include_str!("../examples/plugin_framework/plugins/container.py");
const CARELESS: &str = include_str!("../examples/plugin_framework/plugins/careless.py");

/// A machine on which the contract's environment part holds, and nothing is loaded.
struct Machine(Platform);

impl World for Machine {
    fn platform(&self) -> &Platform {
        &self.0
    }
    fn environment_variable(&self, _: &str) -> Environment {
        Environment::Text("staging".to_owned())
    }
    fn phase(&self) -> Phase {
        Phase::Absent
    }
    fn live(&self, _: &str) -> Option<Binding> {
        None
    }
    fn imported(&self, _: &str, _: &str) -> Imported {
        Imported::Unknown
    }
    fn locate(&self, _: &str) -> Located {
        Located::Absent
    }
    fn distribution_version(&self) -> Option<String> {
        None
    }
}

fn machine() -> Machine {
    Machine(Platform {
        arch: "x86_64".to_owned(),
        os: "linux".to_owned(),
        python: (3, 12, 1),
        python_text: "3.12.1".to_owned(),
        interpreter: "CPython".to_owned(),
        sys_platform: "linux".to_owned(),
        os_name: "posix".to_owned(),
    })
}

fn stages(criterion: &mut Criterion) {
    let machine = machine();
    let about = About { platform: &machine.0, module: Some("plugin"), package: None };
    let mut group = criterion.benchmark_group("plugin example");
    group.throughput(Throughput::Bytes(CONTRACT.len() as u64));
    group.bench_function("load the contract", |bencher| bencher.iter(|| load(black_box(CONTRACT.as_bytes()))));
    group.throughput(Throughput::Bytes(FITS.len() as u64));
    group.bench_function("read the importer", |bencher| bencher.iter(|| extract(black_box(FITS), &about)));

    let (Ok(loaded), Ok(fits), Ok(careless)) =
        (load(CONTRACT.as_bytes()), extract(FITS, &about), extract(CARELESS, &about))
    else {
        unreachable!("the example is sound: the tests run it")
    };
    let subject =
        |module| Subject { file: Some("plugin.py".to_owned()), module: Some(Arc::new(module)), no_source: None };
    let (fits, careless) = (subject(fits), subject(careless));
    group.throughput(Throughput::Elements(1));
    group.bench_function("compare one that fits", |bencher| {
        bencher.iter(|| compare(&loaded.contract, black_box(&fits), Scope::Whole, &machine));
    });
    group.bench_function("compare one that does not", |bencher| {
        bencher.iter(|| compare(&loaded.contract, black_box(&careless), Scope::Whole, &machine));
    });
    let report = Report {
        module: "framework".to_owned(),
        importer: Importer {
            name: Some("careless".to_owned()),
            source: Some(Source { path: "careless.py".to_owned(), text: CARELESS.into() }),
            line: Some(3),
        },
        contract: Source { path: "framework/spymodel.yml".to_owned(), text: Arc::clone(&loaded.text) },
        platform: machine.0.clone(),
        violations: compare(&loaded.contract, &careless, Scope::Whole, &machine),
    };
    group.bench_function("render the report", |bencher| bencher.iter(|| render(black_box(&report), Style::Plain)));
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
