# class: dependency-error
# tool: apt-get
# ecosystem: os
# step: Install agent package
# needs: apt:apt apt:dpkg
# proof: Depends: libberth3 (>= 3.2) but it is not installable
# proof: The following packages have unmet dependencies:
mkdir -p ../deb/DEBIAN ../deb/usr/bin
cat >../deb/DEBIAN/control <<'END'
Package: berth-agent
Version: 1.4.0
Architecture: all
Maintainer: Harbor <ops@example.com>
Depends: libberth3 (>= 3.2)
Description: Agent of the berth service
END
dpkg-deb --build ../deb berth-agent_1.4.0_all.deb
#%% step
apt-get install -y ./berth-agent_1.4.0_all.deb
