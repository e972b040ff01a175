//! How this thread computes with floating-point numbers: its rounding, its traps, and whether it flushes small numbers to
//! zero. A plugin may change it, as code does that is compiled for speed; the host is to compute as before.

/// The control registers of a thread, without what has happened in calculations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Control {
    #[cfg(target_arch = "x86_64")]
    sse: u32,
    #[cfg(target_arch = "x86_64")]
    x87: u16,
    #[cfg(target_arch = "aarch64")]
    fpcr: u64,
}

/// Runs `call`, and gives this thread's control registers back as they were.
#[inline]
pub(crate) fn kept<R>(call: impl FnOnce() -> R) -> R {
    let before = Control::now();
    let result = call();
    if Control::now() != before {
        before.set();
    }
    result
}

#[cfg(target_arch = "x86_64")]
impl Control {
    /// Flags of what has happened, which stay as they are.
    const HAPPENED: u32 = 0x3f;

    #[inline]
    fn now() -> Self {
        let (mut sse, mut x87) = (0_u32, 0_u16);
        // SAFETY: both instructions only store a register to the address that they are given.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut sse, options(nostack, preserves_flags));
            std::arch::asm!("fnstcw [{}]", in(reg) &raw mut x87, options(nostack, preserves_flags));
        }
        Self { sse: sse & !Self::HAPPENED, x87 }
    }

    #[cold]
    fn set(self) {
        // SAFETY: the registers held these values before; nothing here depends on what they were since.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const self.sse, options(nostack, preserves_flags));
            std::arch::asm!("fldcw [{}]", in(reg) &raw const self.x87, options(nostack, preserves_flags));
        }
    }
}

#[cfg(target_arch = "aarch64")]
impl Control {
    #[inline]
    fn now() -> Self {
        let fpcr: u64;
        // SAFETY: only reads the register.
        unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) fpcr, options(nostack, nomem, preserves_flags)) };
        Self { fpcr }
    }

    #[cold]
    fn set(self) {
        // SAFETY: the register held this value before; nothing here depends on what it was since.
        unsafe { std::arch::asm!("msr fpcr, {}", in(reg) self.fpcr, options(nostack, preserves_flags)) };
    }
}

/// Of other processors, the registers are not known here.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl Control {
    fn now() -> Self {
        Self {}
    }

    fn set(self) {}
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// Half of `x`, computed where it is called: arithmetic in place may be moved over a change of the registers.
    #[inline(never)]
    fn half(x: f64) -> f64 {
        black_box(black_box(x) * black_box(0.5))
    }

    #[test]
    fn what_a_call_changes_is_given_back() {
        let before = Control::now();
        let inside = kept(|| {
            // Flushing, rounding up; single precision.
            Control { sse: before.sse | 0x8040 | 0x4000, x87: before.x87 & !0x300 }.set();
            (half(1e-310), Control::now())
        });
        assert!(inside.0 == 0.0 && inside.1 != before);
        assert_eq!(Control::now(), before);
        assert_eq!(half(1e-310), 5e-311);
    }
}
