! Lennard-Jones atoms, with numbers close to argon's: U = sum over pairs of 4 epsilon ((sigma/d)^12 - (sigma/d)^6).
!
! Put your physics here. What must also be true then: the symmetries, the units and the name in entry.c. Overlapping
! atoms give an infinite energy, which plugin.f90 reports as the status of that configuration. Never stop the program.
module potential
  use, intrinsic :: iso_c_binding, only: c_double, c_int32_t
  implicit none

  integer, parameter :: atoms = 13
  real(c_double), parameter :: epsilon = 0.996_c_double ! kJ/mol
  real(c_double), parameter :: sigma = 0.3405_c_double  ! nm

  ! What the host is told: argon, and a configuration to start from, a simple cubic lattice, nm.
  integer, private :: place
  integer, parameter, private :: side = ceiling(real(atoms)**(1.0/3.0) - 1.0e-4)
  integer(c_int32_t), target, save :: atomic_numbers(atoms) = 18
  real(c_double), target, save :: masses(atoms) = 39.948_c_double ! Da
  real(c_double), target, save :: start(3*atoms) = 0.38_c_double * &
    [(mod(place, side), mod(floor((place + 0.5)/side), side), floor((place + 0.5)/side**2), place=0, atoms - 1)]

contains

  ! The energy, kJ/mol, of the positions r, nm, its gradient +dU/dr, kJ/mol/nm, and the sum over pairs of d(k) dU/dd(l),
  ! kJ/mol, which is virial(l, k), as Fortran's first index is C's last. Called from many threads at once: it is pure.
  pure subroutine evaluate(r, energy, gradient, virial)
    real(c_double), intent(in) :: r(3, atoms)
    real(c_double), intent(out) :: energy, gradient(3, atoms), virial(3, 3)
    real(c_double) :: d(3), square, s6, slope(3)
    integer :: i, j, k
    energy = 0
    gradient = 0
    virial = 0
    do i = 1, atoms
      do j = 1, i - 1
        d = r(:, i) - r(:, j)
        square = dot_product(d, d)
        s6 = (sigma*sigma/square)**3
        energy = energy + 4*epsilon*s6*(s6 - 1)
        slope = 24*epsilon*s6*(1 - 2*s6)/square*d
        gradient(:, i) = gradient(:, i) + slope
        gradient(:, j) = gradient(:, j) - slope
        do k = 1, 3
          virial(:, k) = virial(:, k) + d(k)*slope
        end do
      end do
    end do
  end subroutine
end module
