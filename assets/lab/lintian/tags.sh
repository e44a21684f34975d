# class: build-failure
# tool: lintian
# ecosystem: packaging
# step: Check package
# needs: apt:lintian apt:dpkg-dev
# proof: E: depot: no-copyright-file
mkdir -p pkg/DEBIAN pkg/usr/bin
printf 'Package: depot\nVersion: 1.4-1\nArchitecture: all\nMaintainer: Depot Team <depot@example.org>\nSection: utils\nPriority: optional\nDescription: finds depots\n Finds the next depot.\n' >pkg/DEBIAN/control
printf '#!/bin/sh\necho depot\n' >pkg/usr/bin/depot
chmod 755 pkg/usr/bin/depot
dpkg-deb --root-owner-group --build pkg depot_1.4-1_all.deb
#%% step
lintian --allow-root --fail-on error depot_1.4-1_all.deb
