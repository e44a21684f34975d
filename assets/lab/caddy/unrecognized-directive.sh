# class: configuration-error
# tool: caddy
# ecosystem: os
# step: Validate Caddyfile
# needs: apt:caddy
# proof: unrecognized directive: revers_proxy
cat >Caddyfile <<'END'
berths.harbor.example {
	encode gzip
	revers_proxy 127.0.0.1:8080
}
END
#%% step
caddy validate --adapter caddyfile --config Caddyfile
