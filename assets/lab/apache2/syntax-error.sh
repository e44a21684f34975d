# class: configuration-error
# tool: apache2
# ecosystem: os
# step: Test web server configuration
# needs: apt:apache2-bin
# proof: Invalid command 'ProxyPas'
cat >site.conf <<'END'
ServerRoot /usr/lib/apache2
ServerName localhost
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule proxy_module modules/mod_proxy.so
Listen 127.0.0.1:18155
ProxyPas "/api" "http://127.0.0.1:18156"
END
#%% step
apache2 -t -f "$PWD/site.conf"
