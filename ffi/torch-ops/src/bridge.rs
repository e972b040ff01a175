//! The C++ side, as cxx sees it.

#[cxx::bridge(namespace = "freeland")]
pub mod ffi {
    #[namespace = "at"]
    unsafe extern "C++" {
        include!("torch-ops/cpp/ops.h");

        /// libtorch's tensor, which is what tch's pointers point to.
        type Tensor;
    }

    unsafe extern "C++" {
        /// See `ops.h`.
        #[allow(clippy::too_many_arguments)]
        fn spline(
            x: &Tensor,
            raw: &Tensor,
            bins: i64,
            half_width: f64,
            circular: bool,
            inverse: bool,
            smallest_bin: f64,
            smallest_slope: f64,
            y: Pin<&mut Tensor>,
            ladj: Pin<&mut Tensor>,
        ) -> Result<()>;
    }
}

/// A tch tensor as libtorch's own type.
pub fn tensor(tensor: &tch::Tensor) -> &ffi::Tensor {
    // SAFETY: tch's `C_tensor` is an alias for `at::Tensor`; the pointer is not null and lives as long as the borrow.
    unsafe { &*tensor.as_ptr().cast::<ffi::Tensor>() }
}

/// The place of a tch tensor, to be assigned to.
pub fn place(tensor: &mut tch::Tensor) -> std::pin::Pin<&mut ffi::Tensor> {
    // SAFETY: as above; the borrow is unique, and C++ only assigns through it, which leaves it in place.
    unsafe { std::pin::Pin::new_unchecked(&mut *tensor.as_mut_ptr().cast::<ffi::Tensor>()) }
}
