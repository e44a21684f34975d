# class: build-failure
# tool: gfortran
# ecosystem: fortran
# step: Compile
# needs: apt:gfortran
# proof: Error: Type mismatch in argument ‘depth’ at (1); passed REAL(4) to REAL(8)
cat >tide.f90 <<'END'
module tide
  implicit none
contains
  pure real(8) function speed(depth)
    real(8), intent(in) :: depth
    speed = sqrt(9.81d0 * depth)
  end function speed
end module tide

program wave
  use tide
  implicit none
  real :: depth
  depth = 12.5
  print '(f8.3)', speed(depth)
end program wave
END
#%% step
gfortran -std=f2008 -Wall -o wave tide.f90
