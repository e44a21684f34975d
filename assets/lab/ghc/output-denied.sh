# class: permission-error
# tool: ghc
# ecosystem: haskell
# step: Build
# needs: apt:ghc
# user: nobody
# proof: permission denied (Permission denied)
mkdir out
chmod 555 out
printf 'main :: IO ()\nmain = putStrLn "relay"\n' >Main.hs
#%% step
ghc -outputdir out -o relay Main.hs
