# class: configuration-error
# tool: systemd-analyze
# ecosystem: os
# step: Verify units
# needs: apt:systemd
# proof: Failed to parse service type, ignoring: daemon
# proof: Service has no ExecStart=
cat >berthd.service <<'END'
[Unit]
Description=Berth planner

[Service]
Type=daemon
User=berth
ExecStrat=/usr/bin/env sleep 60

[Install]
WantedBy=multi-user.target
END
#%% step
systemd-analyze verify --man=no ./berthd.service
