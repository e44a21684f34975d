# class: build-failure
# tool: tsc
# ecosystem: node
# step: Type check
# needs: npm:typescript@5.6.3
# proof: error TS2345: Argument of type 'string | undefined' is not assignable to parameter of type 'string'.
mkdir src
printf '{ "compilerOptions": { "strict": true, "noEmit": true, "target": "es2022", "module": "es2022", "noUncheckedIndexedAccess": true }, "include": ["src"] }\n' >tsconfig.json
printf '{ "name": "badge", "version": "1.0.3", "private": true, "scripts": { "typecheck": "tsc -p ." }, "devDependencies": { "typescript": "~5.6.3" } }\n' >package.json
cat >src/badge.ts <<'END'
export interface Member {
  id: number;
  names: string[];
}

function initial(name: string): string {
  return name.slice(0, 1).toUpperCase();
}

export function badge(member: Member): string {
  return member.id + ":" + initial(member.names[0]);
}
END
#%% step
npm run typecheck
