# class: deployment-failure
# tool: supervisorctl
# ecosystem: cloud
# step: Restart workers
# needs: pip:supervisor==4.3.0
# proof: planner: ERROR (spawn error)
cat >supervisord.conf <<END
[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
pidfile = $PWD/supervisord.pid
[unix_http_server]
file = /tmp/lab-supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix:///tmp/lab-supervisor.sock
[program:queue]
command = sleep 50
[program:planner]
command = /usr/bin/env berth-planner --release 4.1.0
startretries = 0
startsecs = 1
autostart = false
END
rm -f /tmp/lab-supervisor.sock
timeout 60 supervisord -c supervisord.conf >/dev/null 2>&1 &
sleep 3
#%% step
supervisorctl -c supervisord.conf restart queue
supervisorctl -c supervisord.conf restart planner
