# class: dependency-error
# tool: rpmbuild
# ecosystem: packaging
# step: Build RPM
# needs: apt:rpm
# proof: error: Failed build dependencies:
printf 'Name: depot\nVersion: 1.4\nRelease: 1\nSummary: Finds depots\nLicense: MIT\nBuildRequires: libuv-devel >= 1.40\nBuildArch: noarch\n\n%%description\nFinds the next depot.\n\n%%files\n' >depot.spec
#%% step
rpmbuild -bb --define "_topdir $PWD/rpm" depot.spec
