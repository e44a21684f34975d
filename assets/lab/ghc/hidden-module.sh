# class: dependency-error
# tool: ghc
# ecosystem: haskell
# step: Build
# needs: apt:ghc
# proof: Could not find module ‘Data.Aeson’
cat >Feed.hs <<'END'
module Main (main) where

import qualified Data.Aeson as Aeson
import qualified Data.ByteString.Lazy as Bytes

main :: IO ()
main = Bytes.getContents >>= print . (Aeson.decode :: Bytes.ByteString -> Maybe Aeson.Value)
END
#%% step
ghc -O1 -o feed Feed.hs
