# class: security-scan-failure
# tool: bandit
# ecosystem: python
# step: Security scan
# needs: pip:bandit==1.8.3
# proof: Issue: [B602:subprocess_popen_with_shell_equals_true]
mkdir backups
cat >backups/dump.py <<'END'
import subprocess


def dump(database, target):
    command = "pg_dump %s | gzip > %s" % (database, target)
    return subprocess.call(command, shell=True)
END
cat >backups/settings.py <<'END'
import hashlib
import os


def key_for(path):
    return hashlib.md5(os.fsencode(path)).hexdigest()
END
#%% step
bandit -r backups -lll
