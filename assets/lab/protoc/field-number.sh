# class: build-failure
# tool: protoc
# ecosystem: c-cpp
# step: Generate code
# needs: apt:protobuf-compiler
# proof: Field number 2 has already been used in "orders.Order" by field "sku".
mkdir proto out
printf 'syntax = "proto3";\npackage orders;\n\nmessage Order {\n  string id = 1;\n  string sku = 2;\n  uint32 count = 2;\n}\n' >proto/order.proto
#%% step
protoc -I proto --cpp_out=out proto/order.proto
