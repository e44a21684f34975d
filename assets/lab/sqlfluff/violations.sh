# class: build-failure
# tool: sqlfluff
# ecosystem: data
# step: Lint SQL
# needs: pip:sqlfluff==3.2.0
# proof: CP01
mkdir models
printf 'SELECT station, avg(level) as mean\nfrom readings\nWHERE level is not null\ngroup BY station\n' >models/mean_level.sql
#%% step
sqlfluff lint --dialect ansi --nocolor models
