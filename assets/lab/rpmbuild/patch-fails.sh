# class: build-failure
# tool: rpmbuild
# ecosystem: os
# step: Build RPM
# needs: apt:rpm apt:patch
# proof: Hunk #1 FAILED at 1.
# proof: error: Bad exit status from
mkdir -p rpm/SOURCES rpm/SPECS berthd-1.4
printf 'int main(void)\n{\n    return 0;\n}\n' >berthd-1.4/main.c
tar -czf rpm/SOURCES/berthd-1.4.tar.gz berthd-1.4
printf -- '--- a/main.c\n+++ b/main.c\n@@ -1,3 +1,4 @@\n int main(int argc, char **argv)\n {\n+    (void)argc;\n     return run(argv);\n' >rpm/SOURCES/arguments.patch
cat >rpm/SPECS/berthd.spec <<'END'
Name: berthd
Version: 1.4
Release: 1
Summary: Berth planner
License: MIT
Source0: berthd-1.4.tar.gz
Patch0: arguments.patch
BuildArch: noarch

%description
Plans berths.

%prep
%setup -q
%patch0 -p1

%files
END
#%% step
rpmbuild --define "_topdir $PWD/rpm" -bp rpm/SPECS/berthd.spec
