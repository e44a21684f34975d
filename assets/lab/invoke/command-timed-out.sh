# class: timeout
# tool: invoke
# ecosystem: python
# step: Run nightly tasks
# needs: pip:invoke==2.2.1
# proof: Command did not complete within 4 seconds!
cat >tasks.py <<'END'
from invoke import task


@task
def export(c):
    c.run("for day in 1 2 3; do echo exported day $day; done")
    c.run("echo waiting for the warehouse lock; sleep 60", timeout=4)
END
#%% step
invoke export
