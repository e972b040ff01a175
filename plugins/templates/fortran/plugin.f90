! The edge between a host and potential.f90: epp.h says what each function here owes.
module plugin
  use epp
  use potential
  use, intrinsic :: ieee_arithmetic, only: ieee_is_finite, ieee_value, ieee_quiet_nan
  implicit none
  private

  integer(c_int64_t), parameter :: width = 3*atoms
  integer(c_int64_t), parameter :: outputs = 1 ! the virial, at index 0: entry.c describes it

contains

  integer(c_int32_t) function plugin_info(self, out, error) result(code) bind(C)
    type(c_ptr), value :: self, out, error
    type(epp_info), target :: mine
    if (c_associated(self)) continue ! without state, self is not looked at
    mine = epp_info(struct_size=c_sizeof(mine), atoms=atoms, dimensions=3, threads_inside=1)
    code = hand_over(out, c_loc(mine), c_sizeof(mine), error)
  end function

  ! epp.topology/1: what the atoms are, and a configuration to start from.
  integer(c_int32_t) function plugin_topology(self, out, error) result(code) bind(C)
    type(c_ptr), value :: self, out, error
    type(epp_topology), target :: mine
    if (c_associated(self)) continue
    mine = epp_topology(struct_size=c_sizeof(mine), atoms=atoms, atomic_numbers=c_loc(atomic_numbers), &
                        masses=c_loc(masses), positions=c_loc(start))
    code = hand_over(out, c_loc(mine), c_sizeof(mine), error)
  end function

  integer(c_int32_t) function plugin_evaluate(self, theirs, error) result(code) bind(C)
    type(c_ptr), value :: self, theirs, error
    type(epp_batch), target :: batch
    type(epp_output), target :: virial_output
    integer(c_int32_t), pointer :: statuses(:)
    real(c_double), pointer :: positions(:), energies(:), gradients(:), virials(:)
    real(c_double) :: energy, gradient(width), virial(9)
    integer(c_int64_t) :: i, from
    logical :: wants_energy, wants_gradient, wants_virial

    if (c_associated(self)) continue
    code = fail(error, epp_e_invalid_argument, "evaluate: no batch")
    if (.not. take_over(c_loc(batch), theirs, c_sizeof(batch))) return
    if (batch%count == 0) then
      code = check()
      return
    end if
    code = fail(error, epp_e_invalid_argument, "evaluate: no statuses")
    if (.not. c_associated(batch%statuses)) return
    call c_f_pointer(batch%statuses, statuses, [batch%count])
    statuses = epp_sample_internal
    code = check()
    if (code /= epp_ok) return

    nullify (energies, gradients, virials)
    call c_f_pointer(batch%positions, positions, [(batch%count - 1)*batch%position_stride + width])
    if (wants_energy) call c_f_pointer(batch%energies, energies, [batch%count])
    if (wants_gradient) then
      call c_f_pointer(batch%gradients, gradients, [(batch%count - 1)*batch%gradient_stride + width])
    end if
    if (wants_virial) then
      call c_f_pointer(virial_output%data, virials, [(batch%count - 1)*virial_output%stride + 9])
    end if
    do i = 1, batch%count
      from = (i - 1)*batch%position_stride
      call one(positions(from + 1:from + width), statuses(i))
      if (statuses(i) /= epp_sample_ok) then
        energy = ieee_value(energy, ieee_quiet_nan)
        gradient = 0
        virial = energy
      end if
      if (wants_energy) energies(i) = energy
      from = (i - 1)*batch%gradient_stride
      if (wants_gradient) gradients(from + 1:from + width) = gradient
      from = (i - 1)*virial_output%stride
      if (wants_virial) virials(from + 1:from + 9) = virial
    end do

  contains

    ! Refuses what the header forbids, and gives the strides their values.
    integer(c_int32_t) function check()
      check = epp_ok
      ! Bits of `required` change what the rest of the batch means. Unknown bits of `want` do not.
      if (batch%required /= 0) then
        check = fail(error, epp_e_unsupported, "evaluate: `required` has bits that are not known here")
        return
      end if
      wants_energy = iand(batch%want, epp_want_energy) /= 0
      wants_gradient = iand(batch%want, epp_want_gradient) /= 0
      if (batch%position_stride == 0) batch%position_stride = width
      if (batch%gradient_stride == 0) batch%gradient_stride = width
      if (batch%dtype /= epp_dtype_f64) then
        check = fail(error, epp_e_unsupported, "evaluate: only f64 positions")
      else if (.not. (wants_energy .or. wants_gradient) .and. batch%output_count == 0) then
        check = fail(error, epp_e_invalid_argument, "evaluate: nothing is wanted")
      else if (batch%position_stride < width .or. batch%gradient_stride < width) then
        check = fail(error, epp_e_invalid_argument, "evaluate: a stride is shorter than a configuration")
      else if (batch%count /= 0 .and. (.not. c_associated(batch%positions) &
               .or. (wants_energy .and. .not. c_associated(batch%energies)) &
               .or. (wants_gradient .and. .not. c_associated(batch%gradients)))) then
        check = fail(error, epp_e_invalid_argument, "evaluate: a buffer is null")
      else
        check = asked_outputs()
      end if
    end function

    ! Finds out whether the virial is asked for, and refuses what is not there.
    integer(c_int32_t) function asked_outputs()
      type(c_ptr), pointer :: places(:)
      asked_outputs = epp_ok
      wants_virial = batch%output_count /= 0
      if (.not. wants_virial) return
      asked_outputs = fail(error, epp_e_invalid_argument, "evaluate: one output may be asked for, once")
      if (batch%output_count /= outputs .or. .not. c_associated(batch%outputs)) return
      call c_f_pointer(batch%outputs, places, [outputs])
      if (.not. take_over(c_loc(virial_output), places(1), c_sizeof(virial_output))) return
      if (virial_output%stride == 0) virial_output%stride = 9
      asked_outputs = epp_ok
      if (virial_output%index /= 0) then
        asked_outputs = fail(error, epp_e_invalid_argument, "evaluate: no output has this index")
      else if (virial_output%dtype /= epp_dtype_f64) then
        asked_outputs = fail(error, epp_e_unsupported, "evaluate: outputs are written as f64")
      else if (virial_output%stride < 9 .or. (batch%count /= 0 .and. .not. c_associated(virial_output%data))) then
        asked_outputs = fail(error, epp_e_invalid_argument, "evaluate: an output is null, or its stride too short")
      end if
    end function

    subroutine one(r, status)
      real(c_double), intent(in) :: r(width)
      integer(c_int32_t), intent(out) :: status
      status = epp_sample_cancelled
      if (must_stop(batch)) return
      status = epp_sample_non_finite_input
      if (.not. all(ieee_is_finite(r))) return
      call evaluate(r, energy, gradient, virial)
      status = epp_sample_energy_not_finite
      if (.not. ieee_is_finite(energy)) return
      status = epp_sample_gradient_not_finite
      if (.not. (all(ieee_is_finite(gradient)) .and. all(ieee_is_finite(virial)))) return
      status = epp_sample_ok
    end subroutine
  end function

  logical function must_stop(batch)
    type(epp_batch), intent(in) :: batch
    integer(c_int32_t), pointer, volatile :: cancel
    type(timespec) :: now
    must_stop = .false.
    if (c_associated(batch%cancel)) then
      call c_f_pointer(batch%cancel, cancel)
      must_stop = cancel /= 0
    end if
    if (must_stop .or. batch%deadline_ns <= 0) return
    must_stop = clock_gettime(clock_monotonic, now) == 0 &
      .and. now%seconds*1000000000_c_int64_t + now%nanoseconds >= batch%deadline_ns
  end function
end module
