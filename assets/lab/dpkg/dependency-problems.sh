# class: dependency-error
# tool: dpkg
# ecosystem: os
# step: Install release package
# needs: apt:dpkg
# proof: dpkg: dependency problems prevent configuration of crane-driver:
# proof: crane-driver depends on firmware-crane
mkdir -p ../deb/DEBIAN ../deb/usr/share/doc/crane-driver ../root/var/lib/dpkg/updates ../root/var/lib/dpkg/info
: >../root/var/lib/dpkg/status
: >../root/var/lib/dpkg/available
cat >../deb/DEBIAN/control <<'END'
Package: crane-driver
Version: 2.7-1
Architecture: all
Maintainer: Harbor <ops@example.com>
Depends: firmware-crane (>= 2.0)
Description: Driver of the cranes
END
mkdir dist
dpkg-deb --build ../deb dist/crane-driver_2.7-1_all.deb
#%% step
dpkg --root="$PWD/../root" -i dist/crane-driver_2.7-1_all.deb
