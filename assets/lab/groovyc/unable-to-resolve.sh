# class: build-failure
# tool: groovy
# ecosystem: jvm
# step: Compile scripts
# needs: apt:groovy apt:default-jdk-headless
# proof: unable to resolve class ReleaseNotes
cat >Notes.groovy <<'END'
class Notes {
    ReleaseNotes collect(List<String> commits) {
        commits.findAll { it.startsWith('feat') }.collect { new ReleaseNotes(it) }
    }
}
END
#%% step
groovyc -d out Notes.groovy
