# class: resource-exhaustion
# tool: ghc-rts
# ecosystem: haskell
# step: Generate fixtures
# needs: apt:ghc
# proof: Heap exhausted;
cat >Gen.hs <<'END'
module Main (main) where

import qualified Data.Map as Map

main :: IO ()
main = do
    let table = Map.fromList [(n, show n) | n <- [1 .. 3000000 :: Int]]
    putStrLn (table Map.! 77)
    print (Map.foldr ((+) . length) 0 table)
END
ghc -O1 -rtsopts -o gen Gen.hs
#%% step
./gen +RTS -M60m
