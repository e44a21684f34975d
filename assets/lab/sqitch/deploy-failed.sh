# class: deployment-failure
# tool: sqitch
# ecosystem: data
# step: Deploy schema
# needs: apt:sqitch apt:libdbd-sqlite3-perl apt:sqlite3
# proof: near line 2: no such table: main.berths
# proof: Deploy failed
export SQITCH_USER_CONFIG=/dev/null SQITCH_FULLNAME=Harbor SQITCH_EMAIL=ops@example.com
sqitch init berths --engine sqlite --uri https://harbor.example/berths
sqitch add bookings -n 'Bookings' >/dev/null
printf 'BEGIN;\nCREATE INDEX bookings_berth ON berths (id);\nCOMMIT;\n' >deploy/bookings.sql
printf '[user]\n\tname = Harbor\n\temail = ops@example.com\n' >>sqitch.conf
#%% step
sqitch deploy db:sqlite:harbor.db
