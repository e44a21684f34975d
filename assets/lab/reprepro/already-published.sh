# class: deployment-failure
# tool: reprepro
# ecosystem: os
# step: Publish Debian package
# needs: apt:reprepro apt:dpkg
# proof: Already existing files can only be included again, if they are the same, but:
mkdir -p repo/conf build/DEBIAN
printf 'Codename: bookworm\nArchitectures: amd64\nComponents: main\n' >repo/conf/distributions
package() {
    printf 'Package: berthd\nVersion: 1.4.0\nSection: admin\nPriority: optional\nArchitecture: amd64\nMaintainer: Harbor <ops@example.com>\nDescription: %s\n' "$1" >build/DEBIAN/control
    dpkg-deb --build build berthd_1.4.0_amd64.deb
}
package 'Berth planner'
reprepro -b repo includedeb bookworm berthd_1.4.0_amd64.deb
package 'Berth planner, built again'
#%% step
reprepro --basedir repo includedeb bookworm berthd_1.4.0_amd64.deb
