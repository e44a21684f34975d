# class: build-failure
# tool: thrift
# ecosystem: c-cpp
# step: Generate code
# needs: apt:thrift-compiler
# proof: Type "Weight" not defined
printf 'namespace py depot\n\nstruct Parcel {\n  1: required string id\n  2: required Weight weight\n}\n' >depot.thrift
#%% step
thrift --gen py depot.thrift
