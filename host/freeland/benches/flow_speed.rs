//! Milliseconds per batch of the flow at its working point, on one and two threads.
//!
//! `cargo bench -p freeland --bench flow_speed`; `THREADS=1` measures one thread only.

use std::time::Instant;

use freeland::config::flow::{FlowConfig, Precision};
use freeland::flow::{ConditionalFlow, FlowShape};
use freeland::space::Domain;
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

/// Shortest of repeated runs, in milliseconds: whatever else runs on the machine only adds.
fn milliseconds(mut work: impl FnMut()) -> f64 {
    let times = (0..25).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() {
    let rows = 256;
    let fine: Vec<Domain> =
        (0..58).map(|index| if index % 6 == 5 { Domain::Circle } else { Domain::Line }).collect();
    let shape = FlowShape {
        coarse: vec![Domain::Circle; 2],
        coarse_ranges: vec![(-3.2, 3.2); 2],
        fine: fine.clone(),
    };
    for precision in [Precision::F32, Precision::F64] {
        let config = FlowConfig { precision, ..FlowConfig::default() };
        let flow = ConditionalFlow::new(&shape, &config, 1).expect("a valid shape");
        let kind = flow.backend().kind;
        let parameters = flow.parameters();
        let count: usize = parameters.iter().map(Tensor::numel).sum();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        tch::no_grad(|| {
            for mut parameter in flow.parameters() {
                let noise = (parameter.rand_like() - 0.5) * 0.06;
                drop(parameter.g_add_(&noise));
            }
        });
        let s = flow.backend().tensor(Array2::from_elem((rows, 2), 0.3).view());
        let z = flow.at(&s).propose(0.0, &mut rng).z;
        let x = tch::no_grad(|| flow.at(&s).transform(&z).0);
        println!("{kind:?}, {rows} rows, {} dimensions, {count} parameters", fine.len());
        let threads = std::env::var("THREADS").ok().and_then(|text| text.parse().ok());
        for threads in threads.map_or(vec![1, 2], |threads| vec![threads]) {
            tch::set_num_threads(threads);
            let forward = milliseconds(|| drop(tch::no_grad(|| flow.at(&s).transform(&z))));
            let inverse = milliseconds(|| drop(tch::no_grad(|| flow.at(&s).inverse(&x))));
            let score = milliseconds(|| drop(flow.at(&s).log_prob_gradient(&x)));
            let train = milliseconds(|| {
                let (x, ladj) = flow.at(&s).transform(&z);
                let loss = (x.square().sum(kind) * 0.5 - ladj.sum(kind)) / rows as f64;
                drop(Tensor::run_backward(&[loss], &parameters, false, false));
            });
            println!(
                "  {threads} thread(s): transform {forward:.2} ms, inverse {inverse:.2} ms, gradient of log_prob in x \
                 {score:.2} ms, transform and backward to the parameters {train:.2} ms"
            );
        }
    }
}
