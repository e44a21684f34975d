# class: test-failure
# tool: robot-framework
# ecosystem: python
# step: Robot tests
# needs: pip:robotframework==7.1
# proof: Free desks are back at night                                                                | FAIL |
cat >desks.robot <<'END'
*** Variables ***
${DESKS}    24

*** Test Cases ***
Desks Are Counted
    Should Be Equal As Integers    ${DESKS}    24

Free desks are back at night
    ${free}=    Evaluate    ${DESKS} - 2
    Should Be Equal As Integers    ${free}    ${DESKS}    desks still booked
END
#%% step
robot --consolewidth 100 desks.robot
