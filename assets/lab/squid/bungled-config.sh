# class: configuration-error
# tool: squid
# ecosystem: os
# step: Parse proxy configuration
# needs: apt:squid
# proof: FATAL: Bungled
printf 'http_port 127.0.0.1:18182\nacl office src 10.4.0.0/16\nhttp_access allow ofice\nhttp_access deny all\n' >squid.conf
#%% step
squid -k parse -f "$PWD/squid.conf"
