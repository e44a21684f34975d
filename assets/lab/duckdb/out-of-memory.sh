# class: resource-exhaustion
# tool: duckdb
# ecosystem: data
# step: Aggregate calls
# needs: pip:duckdb==1.4.1
# proof: Out of Memory Error
cat >aggregate.py <<'END'
import duckdb

base = duckdb.connect()
base.execute("SET memory_limit = '40MB'; SET threads = 1; SET temp_directory = ''")
base.execute("CREATE TABLE calls AS SELECT range AS id, md5(range::VARCHAR) AS manifest FROM range(3000000)")
print(base.execute("SELECT manifest, count(*) FROM calls GROUP BY manifest ORDER BY 2 DESC LIMIT 5").fetchall())
END
#%% step
python aggregate.py
