# class: dependency-error
# tool: cpanm
# ecosystem: perl
# step: Install Perl dependencies
# needs: apt:cpanminus
# proof: Couldn't find module or a distribution Net::Harbor::Client
mkdir -p ../mirror/modules
printf 'File: 02packages.details.txt\nLine-Count: 0\n\n' | gzip >../mirror/modules/02packages.details.txt.gz
cat >cpanfile <<'END'
requires 'Net::Harbor::Client', '>= 0.42';
END
#%% step
cpanm --mirror "file://$(cd .. && pwd)/mirror" --mirror-only --notest --installdeps .
