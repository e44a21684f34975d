# class: build-failure
# tool: dpkg-buildpackage
# ecosystem: os
# step: Build Debian package
# needs: apt:dpkg-dev apt:gcc apt:make
# proof: berthd.c:6:27: error: expected
# proof: dpkg-buildpackage: error: debian/rules build subprocess returned exit status 2
mkdir -p debian/source
printf 'berthd (1.4.0) bookworm; urgency=medium\n\n  * Release.\n\n -- Harbor <ops@example.com>  Wed, 01 May 2024 10:00:00 +0000\n' >debian/changelog
printf 'Source: berthd\nSection: admin\nPriority: optional\nMaintainer: Harbor <ops@example.com>\nStandards-Version: 4.6.2\n\nPackage: berthd\nArchitecture: any\nDescription: Berth planner\n' >debian/control
echo '3.0 (native)' >debian/source/format
printf '#!/usr/bin/make -f\nclean:\n\t$(RM) berthd\nbuild build-arch:\n\t$(CC) -O2 -Wall -o berthd berthd.c\nbuild-indep:\nbinary binary-arch: build-arch\nbinary-indep:\n' >debian/rules
chmod +x debian/rules
printf '#include <stdio.h>\n\nint main(void)\n{\n    puts("berthd");\n    return plan_berths(17)\n}\n' >berthd.c
#%% step
dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary
