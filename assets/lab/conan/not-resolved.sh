# class: dependency-error
# tool: conan
# ecosystem: c-cpp
# step: Conan install
# needs: pip:conan==2.22.1
# proof: Package 'tidelib/3.1.0' not resolved
cat >conanfile.txt <<'END'
[requires]
tidelib/3.1.0

[generators]
CMakeDeps
CMakeToolchain
END
conan profile detect --force
#%% step
conan install . --no-remote --build=missing -s build_type=Release
