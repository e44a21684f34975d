# class: configuration-error
# tool: nginx
# ecosystem: os
# step: Test proxy configuration
# needs: apt:nginx-light
# proof: unknown directive "proxy_read_timout"
cat >nginx.conf <<'END'
pid /tmp/lab-nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    server {
        listen 127.0.0.1:18151;
        location /api/ {
            proxy_pass http://127.0.0.1:18152;
            proxy_read_timout 30s;
        }
    }
}
END
#%% step
nginx -t -c "$PWD/nginx.conf"
