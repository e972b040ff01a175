//! Three lanes as a vector in space.
use crate::lanes::Lane;
use std::ops::{Add, Neg, Sub};

#[derive(Clone, Copy)]
pub struct Vector<L> {
    pub x: L,
    pub y: L,
    pub z: L,
}

impl<L: Lane> Vector<L> {
    #[inline(always)]
    pub fn dot(self, other: Self) -> L {
        self.x.mul_add(other.x, self.y.mul_add(other.y, self.z * other.z))
    }

    #[inline(always)]
    pub fn cross(self, other: Self) -> Self {
        Vector {
            x: self.y.mul_add(other.z, -(self.z * other.y)),
            y: self.z.mul_add(other.x, -(self.x * other.z)),
            z: self.x.mul_add(other.y, -(self.y * other.x)),
        }
    }

    #[inline(always)]
    pub fn scaled(self, factor: L) -> Self {
        Vector { x: self.x * factor, y: self.y * factor, z: self.z * factor }
    }

    /// `self + factor * other`.
    #[inline(always)]
    pub fn plus_scaled(self, factor: L, other: Self) -> Self {
        Vector {
            x: factor.mul_add(other.x, self.x),
            y: factor.mul_add(other.y, self.y),
            z: factor.mul_add(other.z, self.z),
        }
    }
}

impl<L: Lane> Add for Vector<L> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Vector { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }
}

impl<L: Lane> Sub for Vector<L> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Vector { x: self.x - other.x, y: self.y - other.y, z: self.z - other.z }
    }
}

impl<L: Lane> Neg for Vector<L> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Vector { x: -self.x, y: -self.y, z: -self.z }
    }
}
