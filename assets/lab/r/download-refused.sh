# class: network-error
# tool: r
# ecosystem: data
# step: Fetch readings
# needs: apt:r-base-core
# proof: cannot open URL 'http://127.0.0.1:8935/readings.csv'
printf 'options(timeout = 20)\ndownload.file("http://127.0.0.1:8935/readings.csv", "readings.csv")\n' >fetch.R
#%% step
Rscript fetch.R
