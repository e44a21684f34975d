# class: deployment-failure
# tool: alembic
# ecosystem: data
# step: Apply migrations
# needs: pip:alembic==1.17.1 apt:sqlite3
# proof: sqlite3.OperationalError: duplicate column name: draught_m
# proof: (sqlite3.OperationalError) duplicate column name: draught_m
alembic init -t generic migrations
sed -i "s#^sqlalchemy.url.*#sqlalchemy.url = sqlite:///ships.db#" alembic.ini
sqlite3 ships.db 'CREATE TABLE ships (id INTEGER PRIMARY KEY, draught_m REAL)'
cat >migrations/versions/5c1e77_draught.py <<'END'
"""draught of ships"""
from alembic import op
import sqlalchemy as sa

revision = "5c1e77"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("ships", sa.Column("draught_m", sa.Float(), nullable=True))


def downgrade():
    op.drop_column("ships", "draught_m")
END
#%% step
alembic upgrade head
