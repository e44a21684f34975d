# class: test-failure
# tool: tcltest
# ecosystem: tcl
# step: Test
# needs: apt:tcl
# proof: ==== duration-1.2 minutes and seconds FAILED
cat >all.tcl <<'END'
package require tcltest
namespace import ::tcltest::*

proc duration {seconds} {
    return [format "%d:%d" [expr {$seconds / 60}] [expr {$seconds % 60}]]
}

test duration-1.1 {seconds} -body { duration 42 } -result 0:42
test duration-1.2 {minutes and seconds} -body { duration 65 } -result 1:05

set bad $::tcltest::numTests(Failed)
cleanupTests
exit [expr {$bad > 0}]
END
#%% step
tclsh all.tcl
