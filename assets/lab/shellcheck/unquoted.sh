# class: build-failure
# tool: shellcheck
# ecosystem: ci
# step: Lint scripts
# needs: apt:shellcheck
# proof: SC2115 (warning)
mkdir scripts
cat >scripts/clean.sh <<'END'
#!/bin/sh
cache="$1"
for file in $(ls $cache/*.tmp); do
    echo removing $file
done
rm -rf $cache/*
END
#%% step
shellcheck scripts/*.sh
