! epp.h, version 1.0, as far as a Fortran plugin meets it: types, constants, and the C functions they need.
! The header documents every field. Unsigned numbers of the header are signed here, as Fortran has no others.
module epp
  use, intrinsic :: iso_c_binding
  implicit none
  public

  integer(c_int32_t), parameter :: epp_ok = 0, epp_e_invalid_argument = 1, epp_e_unknown_id = 2
  integer(c_int32_t), parameter :: epp_e_bad_config = 3, epp_e_unsupported = 4, epp_e_out_of_memory = 5
  integer(c_int32_t), parameter :: epp_e_internal = 6, epp_e_bad_topology = 7, epp_e_lost = 100
  integer(c_int32_t), parameter :: epp_sample_ok = 0, epp_sample_non_finite_input = 1
  integer(c_int32_t), parameter :: epp_sample_outside_domain = 2, epp_sample_energy_not_finite = 3
  integer(c_int32_t), parameter :: epp_sample_gradient_not_finite = 4, epp_sample_not_converged = 5
  integer(c_int32_t), parameter :: epp_sample_out_of_memory = 6, epp_sample_cancelled = 7, epp_sample_internal = 8
  integer(c_int32_t), parameter :: epp_dtype_f64 = 1, epp_dtype_f32 = 2
  integer(c_int32_t), parameter :: epp_want_energy = 1, epp_want_gradient = 2

  type, bind(C) :: epp_error
    integer(c_int64_t) :: struct_size = 0
    type(c_ptr) :: text = c_null_ptr
    integer(c_int64_t) :: capacity = 0
  end type

  type, bind(C) :: epp_info
    integer(c_int64_t) :: struct_size = 0, atoms = 0, max_batch = 0, preferred_batch = 0
    integer(c_int32_t) :: dimensions = 0, periodic = 0
    real(c_double) :: cutoff_nm = 0
    integer(c_int32_t) :: required = 0, flags = 0, thread_model = 0, determinism = 0, dtypes = 0
    integer(c_int32_t) :: symmetries = 0, units = 0, threads_inside = 0
    type(c_ptr) :: fingerprint = c_null_ptr
  end type

  type, bind(C) :: epp_topology
    integer(c_int64_t) :: struct_size = 0, atoms = 0, bonds = 0
    type(c_ptr) :: atomic_numbers = c_null_ptr, masses = c_null_ptr, charges = c_null_ptr
    type(c_ptr) :: atom_names = c_null_ptr, residues = c_null_ptr, residue_names = c_null_ptr
    type(c_ptr) :: residue_numbers = c_null_ptr, chain_names = c_null_ptr
    type(c_ptr) :: bond_atoms = c_null_ptr, bond_orders = c_null_ptr
    type(c_ptr) :: positions = c_null_ptr, box = c_null_ptr
    integer(c_int32_t) :: periodic = 0, total_charge = 0, multiplicity = 0, reserved = 0
  end type

  type, bind(C) :: epp_output
    integer(c_int64_t) :: struct_size = 0, index = 0
    type(c_ptr) :: data = c_null_ptr
    integer(c_int64_t) :: stride = 0
    integer(c_int32_t) :: dtype = 0, reserved = 0
  end type

  type, bind(C) :: epp_batch
    integer(c_int64_t) :: struct_size = 0, count = 0
    integer(c_int32_t) :: dtype = 0, want = 0, required = 0, reserved = 0
    type(c_ptr) :: positions = c_null_ptr
    integer(c_int64_t) :: position_stride = 0
    type(c_ptr) :: box = c_null_ptr
    integer(c_int64_t) :: box_stride = 0
    type(c_ptr) :: parameters = c_null_ptr
    integer(c_int64_t) :: parameter_stride = 0
    type(c_ptr) :: energies = c_null_ptr, gradients = c_null_ptr
    integer(c_int64_t) :: gradient_stride = 0
    type(c_ptr) :: statuses = c_null_ptr, cancel = c_null_ptr
    integer(c_int64_t) :: deadline_ns = 0, seed = 0, first = 0, output_count = 0
    type(c_ptr) :: outputs = c_null_ptr
  end type

  ! What clock_gettime writes.
  type, bind(C) :: timespec
    integer(c_long) :: seconds = 0, nanoseconds = 0
  end type
  integer(c_int), parameter :: clock_monotonic = 1 ! on Linux

  interface
    subroutine copy_bytes(target, source, size) bind(C, name="memcpy")
      import :: c_ptr, c_size_t
      type(c_ptr), value :: target, source
      integer(c_size_t), value :: size
    end subroutine

    integer(c_int) function clock_gettime(clock, time) bind(C)
      import :: c_int, timespec
      integer(c_int), value :: clock
      type(timespec), intent(out) :: time
    end function
  end interface

contains

  ! Writes a sentence into the host's buffer, cut where it is too long; returns the code.
  integer(c_int32_t) function fail(error, code, text)
    type(c_ptr), intent(in) :: error
    integer(c_int32_t), intent(in) :: code
    character(*), intent(in) :: text
    type(epp_error), pointer :: host
    character(kind=c_char), pointer :: buffer(:)
    integer :: i, length
    fail = code
    if (.not. c_associated(error)) return
    call c_f_pointer(error, host)
    if (host%struct_size < c_sizeof(epp_error()) .or. host%capacity < 1) return
    if (.not. c_associated(host%text)) return
    length = int(min(int(len(text), c_int64_t), host%capacity - 1))
    call c_f_pointer(host%text, buffer, [length + 1])
    do i = 1, length
      buffer(i) = text(i:i)
    end do
    buffer(length + 1) = c_null_char
  end function

  ! Copies a struct of the host to one of `size` bytes at `mine`, as far as it reaches; what an older host does not have
  ! stays as it is, and what a newer one has beyond is not looked at.
  logical function take_over(mine, theirs, size)
    type(c_ptr), intent(in) :: mine, theirs
    integer(c_size_t), intent(in) :: size
    integer(c_int64_t), pointer :: length
    take_over = .false.
    if (.not. c_associated(theirs)) return
    call c_f_pointer(theirs, length)
    if (length < 8) return
    call copy_bytes(mine, theirs, min(int(length, c_size_t), size))
    take_over = .true.
  end function

  ! Copies a struct of `size` bytes, at `mine`, as far as the host's struct reaches, and says how far that is.
  integer(c_int32_t) function hand_over(theirs, mine, size, error)
    type(c_ptr), intent(in) :: theirs, mine, error
    integer(c_size_t), intent(in) :: size
    integer(c_int64_t), pointer :: room
    integer(c_int64_t) :: filled
    hand_over = fail(error, epp_e_invalid_argument, "out is null, or has no struct_size")
    if (.not. c_associated(theirs)) return
    call c_f_pointer(theirs, room)
    if (room < 8) return
    filled = min(room, int(size, c_int64_t))
    call copy_bytes(theirs, mine, int(filled, c_size_t))
    room = filled
    hand_over = epp_ok
  end function
end module
