# class: network-error
# tool: mongosh
# ecosystem: data
# step: Seed MongoDB
# needs: npm:mongosh@2.5.8
# proof: MongoNetworkError: connect ECONNREFUSED 127.0.0.1:18129
echo 'db.ports.insertOne({name: "Esbjerg"})' >seed.js
#%% step
mongosh --quiet "mongodb://127.0.0.1:18129/ports?serverSelectionTimeoutMS=2000" seed.js
