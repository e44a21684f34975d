# class: build-failure
# tool: puppet-lint
# ecosystem: cloud
# step: Lint manifests
# needs: apt:puppet-lint
# proof: double quoted string containing no variables
printf 'class ntp {\n  package { "ntp":\n    ensure => installed,\n  }\n\tservice { "ntp": ensure => running }\n}\n' >ntp.pp
#%% step
puppet-lint --fail-on-warnings ntp.pp
