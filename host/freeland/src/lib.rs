//! Free-energy landscapes by conditional normalizing flows and active learning.
