# class: configuration-error
# tool: haproxy
# ecosystem: os
# step: Check load balancer
# needs: apt:haproxy
# proof: unable to find required use_backend: 'berths_v2'
cat >haproxy.cfg <<'END'
global
    maxconn 256

defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend public
    bind 127.0.0.1:18153
    use_backend berths_v2 if { path_beg /v2 }
    default_backend berths

backend berths
    server one 127.0.0.1:18154 check
END
#%% step
haproxy -c -V -f haproxy.cfg
