# class: configuration-error
# tool: systemctl
# ecosystem: os
# step: Start database
# needs: apt:systemd
# proof: System has not been booted with systemd as init system (PID 1). Can't operate.
#%% step
systemctl start postgresql.service
