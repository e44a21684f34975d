# class: build-failure
# tool: javac
# ecosystem: jvm
# step: Compile
# needs: apt:openjdk-17-jdk-headless
# proof: error: unreported exception IOException; must be caught or declared to be thrown
mkdir -p src/org/example/mail
cat >src/org/example/mail/Outbox.java <<'END'
package org.example.mail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

public final class Outbox {
    private final Path folder;

    public Outbox(Path folder) {
        this.folder = folder;
    }

    public List<Path> waiting() {
        return Files.list(folder).sorted().toList();
    }
}
END
#%% step
javac -Xlint:all -d out $(find src -name '*.java')
