//! Energy plugin: any OpenMM System; alanine dipeptide built in.
