# class: timeout
# tool: python-subprocess
# ecosystem: python
# step: Run migrations check
# needs: apt:python3
# proof: subprocess.TimeoutExpired: Command '['sleep', '90']' timed out after
printf 'import subprocess\n\nprint("waiting for the index to be built", flush=True)\nsubprocess.run(["sleep", "90"], check=True, timeout=15)\n' >check.py
#%% step
python3 check.py
