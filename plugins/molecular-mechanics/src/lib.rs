//! Energy plugin: OpenMM Systems evaluated in SIMD batches, without OpenMM.
