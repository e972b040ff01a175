//! Coupling layers: half of the coordinates moves, given the other half and the context.

use std::f64::consts::PI;

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch::nn::Path;

use crate::config::flow::SplineCouplings;
use crate::device::Backend;
use crate::space::Domain;

use super::affine::Affine;
use super::network::ResidualNet;
use super::rotation::Rotation;
use super::spline::{CircleSpline, LineSpline};
use super::transform::{Compose, Transform};

/// Which columns a coupling keeps and which it moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    kept: [Vec<i64>; 2],
    moved: [Vec<i64>; 2],
}

impl Mask {
    /// Masks for a number of couplings: a random half of the lines and of the circles moves, then the other half.
    ///
    /// The sizes of the halves do not depend on the random numbers. A single dimension always moves.
    pub fn alternating(domains: &[Domain], couplings: usize, rng: &mut ChaCha8Rng) -> Vec<Mask> {
        let columns = |domain: Domain| -> Vec<i64> {
            let all = domains.iter().enumerate();
            all.filter(|(_, found)| **found == domain).map(|(index, _)| index as i64).collect()
        };
        let all = [columns(Domain::Line), columns(Domain::Circle)];
        if domains.len() == 1 {
            return vec![Mask { kept: [vec![], vec![]], moved: all }; couplings];
        }
        let mut masks = Vec::with_capacity(couplings + 1);
        while masks.len() < couplings {
            let mut halves = all.clone();
            halves.iter_mut().for_each(|columns| columns.shuffle(rng));
            // Odd counts: one more line and one fewer circle, so that neither half is ever empty.
            let [mut lines, mut circles] = halves;
            let other_lines = lines.split_off(lines.len().div_ceil(2));
            let other_circles = circles.split_off(circles.len() / 2);
            let (one, other) = ([lines, circles], [other_lines, other_circles]);
            masks.push(Mask { kept: other.clone(), moved: one.clone() });
            masks.push(Mask { kept: one, moved: other });
        }
        masks.truncate(couplings);
        masks
    }

    fn order(&self) -> Vec<i64> {
        [&self.kept[0], &self.kept[1], &self.moved[0], &self.moved[1]]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }
}

/// A coupling layer: splines and a bounded shift and scale on lines, splines and rotations on circles.
pub struct Coupling {
    /// Columns sorted as kept lines, kept circles, moved lines, moved circles; and the way back.
    order: Tensor,
    back: Tensor,
    kept: [i64; 2],
    moved: [i64; 2],
    /// Where each moved circle is cut open for its spline, `[moved circles]`.
    seams: Tensor,
    net: ResidualNet,
    bins: i64,
    tail: f64,
    scale_bound: f64,
}

impl Coupling {
    /// Adds the parameters under `path`; starts as the identity.
    pub fn new(
        path: &Path<'_>,
        mask: &Mask,
        context: i64,
        config: &SplineCouplings,
        rng: &mut ChaCha8Rng,
    ) -> Coupling {
        let count = |columns: &[Vec<i64>; 2]| [columns[0].len() as i64, columns[1].len() as i64];
        let (kept, moved) = (count(&mask.kept), count(&mask.moved));
        let backend = Backend::from(path);
        let order = backend.indices(&mask.order());
        let seams: Vec<f64> = (0..moved[1]).map(|_| rng.random_range(-PI..PI)).collect();
        let bins = config.bins as i64;
        let outputs =
            moved[0] * (LineSpline::parameters(bins) + 2) + moved[1] * (CircleSpline::parameters(bins) + 1);
        let inputs = kept[0] + 2 * kept[1] + context;
        let hidden = (config.width as i64, config.blocks);
        Coupling {
            back: path.add("back", order.argsort(0, false), false),
            order: path.add("order", order, false),
            seams: path.add("seams", backend.vector(&seams), false),
            kept,
            moved,
            net: ResidualNet::new(&path.sub("net"), inputs, hidden, outputs, config.activation, rng),
            bins,
            tail: config.tail,
            scale_bound: config.scale_bound,
        }
    }

    /// The transform at given context features, `[n, C]`.
    pub fn at(&self, context: &Tensor) -> ConditionedCoupling<'_> {
        ConditionedCoupling { coupling: self, context: context.shallow_clone() }
    }

    /// The transforms of the moved lines and of the moved circles, given the kept columns.
    fn conditioned(&self, kept: &[Tensor; 2], context: &Tensor) -> [Pieces; 2] {
        // Beyond the tails the net sees the end of the interval: an outlier must not throw the other half far out.
        let (lines, angles) = (kept[0].clamp(-self.tail, self.tail), &kept[1]);
        let raw = self.net.apply(&Tensor::cat(&[&lines, &angles.cos(), &angles.sin(), context], 1));
        let [of_lines, of_circles] = self.moved;
        let (line, circle) = (LineSpline::parameters(self.bins), CircleSpline::parameters(self.bins));
        let [raw_lines, raw_circles] = split(&raw, [of_lines * (line + 2), of_circles * (circle + 1)], 1);
        let rows = raw.size()[0];
        let mut transforms: [Pieces; 2] = [Compose(vec![]), Compose(vec![])];
        if of_lines > 0 {
            let [raw, shift, log_scale] = split(&raw_lines.view([rows, of_lines, line + 2]), [line, 1, 1], 2);
            let log_scale = (log_scale.squeeze_dim(2) / self.scale_bound).tanh() * self.scale_bound;
            let affine = Affine { shift: shift.squeeze_dim(2), log_scale };
            transforms[0].0 = vec![Box::new(LineSpline { raw, tail: self.tail }), Box::new(affine)];
        }
        if of_circles > 0 {
            let [raw, angle] = split(&raw_circles.view([rows, of_circles, circle + 1]), [circle, 1], 2);
            transforms[1].0 = vec![
                Box::new(Rotation { angle: self.seams.shallow_clone() }),
                Box::new(CircleSpline { raw }),
                Box::new(Rotation { angle: angle.squeeze_dim(2) - &self.seams }),
            ];
        }
        transforms
    }
}

/// What a coupling does to its moved lines, or to its moved circles.
type Pieces = Compose<Box<dyn Transform>>;

/// A coupling layer at given context features.
pub struct ConditionedCoupling<'a> {
    coupling: &'a Coupling,
    context: Tensor,
}

impl ConditionedCoupling<'_> {
    fn apply(&self, x: &Tensor, direction: fn(&Pieces, &Tensor) -> (Tensor, Tensor)) -> (Tensor, Tensor) {
        let coupling = self.coupling;
        let sorted = x.index_select(1, &coupling.order);
        let sizes = [coupling.kept[0], coupling.kept[1], coupling.moved[0], coupling.moved[1]];
        let [kept_lines, kept_circles, lines, circles] = split(&sorted, sizes, 1);
        let kept = [kept_lines, kept_circles];
        let transforms = coupling.conditioned(&kept, &self.context);
        let (lines, ladj_lines) = direction(&transforms[0], &lines);
        let (circles, ladj_circles) = direction(&transforms[1], &circles);
        let moved = Tensor::cat(&[&kept[0], &kept[1], &lines, &circles], 1);
        (moved.index_select(1, &coupling.back), ladj_lines + ladj_circles)
    }
}

impl Transform for ConditionedCoupling<'_> {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        self.apply(x, |transform, x| transform.forward(x))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        self.apply(y, |transform, y| transform.inverse(y))
    }
}

/// Views of a tensor along one dimension; one operation, so that its gradient is one concatenation.
fn split<const N: usize>(tensor: &Tensor, sizes: [i64; N], dimension: i64) -> [Tensor; N] {
    let parts = tensor.split_with_sizes(sizes, dimension);
    parts.try_into().expect("as many parts as sizes")
}
